"""The compose file names what there is: services, options of their programs, one image."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.cli.app import main

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
SERVICES: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
PROGRAMS = {"mlflow": ["mlflow", "server"], "scheduler": ["dask", "scheduler"], "worker": ["dask", "worker"]}


@pytest.mark.parametrize("service", PROGRAMS)
def test_programs_know_their_options(service: str) -> None:
    program, part, *options = SERVICES[service]["command"]
    assert [program, part] == PROGRAMS[service]
    command = [sys.executable, "-P", "-m", program, part, "--help"]
    known = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    given = {option.partition("=")[0] for option in options if option.startswith("--")}
    assert given
    assert given <= set(re.findall(r"--[\w-]+", known))


def test_the_coordinator_asks_for_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    shell, how, script, name = SERVICES["coordinator"]["entrypoint"]
    assert (shell, how, name) == ("sh", "-c", "harness")
    assert script.startswith('exec harness "$$@" ')
    addresses = re.findall(r"--(\w+) (\S+://(?:\w+@)?(\w+):\d+\S*)", script)
    assert [flag for flag, _, _ in addresses] == ["cluster", "storage"]
    assert {host for _, _, host in addresses} < SERVICES.keys()
    assert main(["run", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"--{flag}" in shown for flag, _, _ in addresses)


def test_all_parts_have_one_image_and_no_password_is_in_an_address() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    assert set(images.values()) == {"bifair-harness", images["postgres"]}
    assert "PASSWORD" not in " ".join(str(service.get("command")) for service in SERVICES.values())
    assert (DEPLOY / "Dockerfile").is_file()
