"""Apache Kafka's jars: named in pom.xml, fetched by Maven once, kept in the cache folder of the user."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from platformdirs import user_cache_path

POM = Path(__file__).with_name("pom.xml")
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
FETCH_SECONDS = 600


class NoKafka(Exception):
    """A broker can't be started on this machine; the message says what is missing."""


def version() -> str:
    """The version that pom.xml names."""
    found = ElementTree.parse(POM).find(".//{*}kafka.version")  # noqa: S314 - our own file
    if found is None or not found.text:
        raise NoKafka("pom.xml names no version of Kafka")
    return found.text


def java() -> str:
    """The Java to run it with."""
    found = shutil.which("java")
    if found is None:
        raise NoKafka("no Java on this machine")
    return found


def folder() -> Path:
    """The folder with the jars; fetched on the first call. Raises NoKafka where that can't be done."""
    cached = user_cache_path("drempel") / f"kafka-{version()}"
    if cached.is_dir():
        return cached
    maven = shutil.which("mvn")
    if maven is None:
        raise NoKafka("Apache Kafka's jars are not in the cache and there is no Maven to fetch them")
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as fresh:
        jars = Path(fresh) / "jars"
        command = [maven, "-q", "-B", "-f", str(POM), PLUGIN, "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=FETCH_SECONDS)  # noqa: S603
        except (subprocess.SubprocessError, OSError) as error:
            raise NoKafka(f"Maven could not fetch Apache Kafka's jars ({type(error).__name__})") from None
        if not cached.is_dir():  # another process may have been first
            jars.rename(cached)
    return cached
