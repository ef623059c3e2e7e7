"""Models of runs under names in MLflow's registry."""

from typing import Any


def registered(client: Any, run_id: str, folder: str, name: str) -> str:
    """The version that the model in a run's artifact folder has under ``name``; a new one where it has none.

    Args:
        client: MLflow's
    """
    known = client.search_model_versions(f"run_id = '{run_id}'")
    if found := [version.version for version in known if version.name == name]:
        return str(found[0])
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    source = f"{client.get_run(run_id).info.artifact_uri}/{folder}"
    return str(client.create_model_version(name, source, run_id).version)
