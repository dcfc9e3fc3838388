"""What an official does: print the policy, change a line, look what it would have meant, with a picture."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from services.routing.beleid import meegeleverd
from services.routing.policy.document import Beleid
from services.routing.policy.source import read
from tests.installation import installed

pytestmark = pytest.mark.postgres


async def test_print_the_policy_change_a_line_and_replay_it(tmp_path: Path) -> None:
    file, picture = tmp_path / "dordrecht.yaml", tmp_path / "watals.svg"
    async with installed(tmp_path / "data") as drempel:
        status, printed, _ = await drempel.run("policy", "show", "0505")
        assert status == 0
        assert Beleid.model_validate(read(printed.encode()).value) == meegeleverd().voor("0505")
        assert printed.count("minderDan: 50\n") == 1
        file.write_text(printed.replace("minderDan: 50\n", "minderDan: 100\n"))
        told = await drempel.json("policy", "simulate", "0505", str(file), "--svg", str(picture), "--fte", "2")
        assert (told["signalen"], told["anders"]["aantal"], told["aannames"]["fte"]) == (0, 0, 2.0)
        assert ElementTree.fromstring(picture.read_bytes()).tag == "{http://www.w3.org/2000/svg}svg"
        status, printed, _ = await drempel.run("policy", "simulate", "0505", str(file))
        assert (status, "Anders gegaan: 0 van 0 signalen." in printed) == (0, True)
        text = file.read_text().replace("versie: drechtsteden-2022.2\n", "versie: dordrecht-1\n")
        file.write_text(text)
        status, _, said = await drempel.run("policy", "publish", "0505", str(file))
        assert (status, said.startswith("regel ")) == (1, True)  # its own example shows another threshold
        file.write_text(text.replace("minderDan: 100\n", "minderDan: 50\n"))
        status, told, said = await drempel.run("policy", "publish", "0505", str(file))
        assert (status, told) == (0, "dordrecht-1 geldt vanaf 2021-01-01\n"), said
        assert (await drempel.run("policy", "publish", "0505", str(file)))[0] == 1  # it is there already
        assert "versie: dordrecht-1\n" in (await drempel.run("policy", "show", "0505"))[1]
        file.write_text(printed)
        assert (await drempel.run("policy", "simulate", "0505", str(file)))[0] == 1
        file.write_text("regels: [")
        status, _, said = await drempel.run("policy", "simulate", "0505", str(file))
        assert (status, said.startswith("regel 1: ")) == (1, True)
