"""deploy/kubernetes against the code, and against what a cluster would refuse or take amiss.

The shapes of all objects were held against Kubernetes' own schemas once with kubernetes-validate,
as docs/deployment.md says; here stands what those cannot know.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.http.body_limits import MAX_CALLBACK, MAX_FILE
from cli.dev_stack.processes import PREFIX, ROOT, worker_environment
from cli.main import COMMANDS
from release import version
from secret_files import SUFFIX
from server import create_server
from settings import Settings
from worker import GRACE

FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
SECRET_FOLDER = "/run/secrets/trunkline/"
Json = dict[str, Any]
#: Each kind that is there, with its version.
KINDS = {
    "ConfigMap": "v1",
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1",
    "Job": "batch/v1",
    "Namespace": "v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "Secret": "v1",
    "Service": "v1",
}


def read(path: Path) -> list[Json]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


OBJECTS = [one for path in FILES for one in read(path)]
BY_NAME = {(one["kind"], one["metadata"]["name"]): one for one in OBJECTS}
CONFIG: dict[str, str] = BY_NAME["ConfigMap", "trunkline"]["data"]
SECRET: dict[str, str] = BY_NAME["Secret", "trunkline"]["stringData"]
PODS = {
    one["metadata"]["name"]: one["spec"]["template"]
    for one in OBJECTS
    if "template" in one.get("spec", {})
}
API = PODS["trunkline-api"]["spec"]
WORKER = PODS["trunkline-worker"]["spec"]


def containers(pod: Json) -> list[Json]:
    spec = pod["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


ALL_CONTAINERS = [
    pytest.param(pod, one, id=one["name"]) for pod in PODS.values() for one in containers(pod)
]


def test_each_object_is_of_a_kind_and_version_that_clusters_have_and_has_a_name_of_its_own():
    assert {one["kind"]: one["apiVersion"] for one in OBJECTS} == KINDS
    assert len(BY_NAME) == len(OBJECTS)
    assert {one["metadata"]["namespace"] for one in OBJECTS if one["kind"] != "Namespace"} == {
        "trunkline"
    }


def test_everything_but_the_secret_is_applied_by_one_command():
    (kustomization,) = read(FOLDER / "kustomization.yaml")
    applied = {path.name for path in FILES} - {"secret.example.yaml"}

    assert set(kustomization["resources"]) == applied
    assert kustomization["images"][0]["newTag"] == version()


def test_every_setting_exists_and_all_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert CONFIG.keys() <= known | {name + SUFFIX for name in known}
    for name in known:
        monkeypatch.delenv(name, raising=False)
    for name, value in CONFIG.items():
        if name.endswith(SUFFIX):
            secret = tmp_path / value.removeprefix(SECRET_FOLDER)
            secret.write_text("s3cret")
            value = str(secret)
        monkeypatch.setenv(name, value)

    told = Settings()

    assert told.database.startswith("postgresql+psycopg://trunkline:s3cret@")
    assert told.dials_per_second is not None


def test_secrets_are_files_of_the_secret_and_stand_nowhere_else():
    named = {
        value.removeprefix(SECRET_FOLDER) for key, value in CONFIG.items() if key.endswith(SUFFIX)
    }
    assert named == SECRET.keys()
    assert set(SECRET.values()) == {""}
    text = "".join(path.read_text() for path in FILES)
    assert "secretKeyRef" not in text
    assert not re.search(r"://[^/@\s]*:[^/@\s]+@", text)


@pytest.mark.parametrize(("pod", "container"), ALL_CONTAINERS)
def test_each_container_runs_a_command_of_ours_and_is_told_all_settings(pod: Json, container: Json):
    assert container["args"][0] in {command.name for command in COMMANDS}
    assert container["image"] == f"trunkline:{version()}"
    assert container["envFrom"] == [{"configMapRef": {"name": "trunkline"}}]
    volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
    mounted = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    assert mounted.keys() == volumes.keys()
    assert mounted["secrets"] + "/" == SECRET_FOLDER
    assert volumes["secrets"]["secret"]["secretName"] == "trunkline"


@pytest.mark.parametrize(("pod", "container"), ALL_CONTAINERS)
def test_each_container_may_do_as_little_as_it_can(pod: Json, container: Json):
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    own = pod["spec"]["securityContext"]
    assert (own["runAsNonRoot"], own["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
    assert f"USER {own['runAsUser']}:{own['runAsGroup']}" in (ROOT / "Dockerfile").read_text()
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert container["resources"].keys() == {"requests", "limits"}


@pytest.mark.parametrize("name", PODS)
def test_no_service_of_the_cluster_sets_a_setting_of_ours(name: str):
    # For the service trunkline-api a cluster would set TRUNKLINE_API_PORT=tcp://10.0.0.1:80.
    assert PODS[name]["spec"]["enableServiceLinks"] is False


def test_each_selector_finds_the_pods_that_it_means():
    labels = {name: pod["metadata"]["labels"] for name, pod in PODS.items()}
    for one in OBJECTS:
        spec = one.get("spec", {})
        wanted = spec.get("selector") or spec.get("podSelector")
        if wanted:
            wanted = wanted.get("matchLabels", wanted)
            found = {name for name, own in labels.items() if wanted.items() <= own.items()}
            general = (one["kind"], one["metadata"]["name"]) == ("NetworkPolicy", "trunkline")
            assert found == (set(PODS) if general else {one["metadata"]["name"]})
        target = spec.get("scaleTargetRef")
        if target:
            assert (target["kind"], target["name"]) in BY_NAME


def test_the_api_is_probed_where_it_listens_and_answers():
    (container,) = API["containers"]
    (port,) = container["ports"]
    assert str(port["containerPort"]) == CONFIG["TRUNKLINE_API_PORT"]
    assert CONFIG["TRUNKLINE_API_HOST"] == "0.0.0.0"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["port"] == port["name"]
        assert asked["path"] in PATHS
    service = BY_NAME["Service", "trunkline-api"]
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]


def test_a_worker_is_probed_where_it_shows_its_metrics():
    (container,) = WORKER["containers"]
    (port,) = container["ports"]
    env = {one["name"]: one["value"] for one in container["env"]}
    told = worker_environment({}, 1, env["TRUNKLINE_METRICS_ADDRESS"])
    assert told["TRUNKLINE_METRICS_ADDRESS"] == f"0.0.0.0:{port['containerPort']}"
    asked = {
        name: container[name]["httpGet"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert {one["port"] for one in asked.values()} == {port["name"]}
    # What it waits for does not come sooner by starting it anew.
    assert {name: one["path"] for name, one in asked.items()} == {
        "startupProbe": "/healthz",
        "readinessProbe": "/readyz",
        "livenessProbe": "/healthz",
    }


PATHS = set(create_server(Settings()).openapi()["paths"]) | {"/dashboard"}


def test_the_world_reaches_what_there_is_and_nothing_else():
    public = CONFIG["TRUNKLINE_PUBLIC_URL"].removeprefix("https://")
    led: dict[str, str] = {}
    for (kind, name), one in BY_NAME.items():
        if kind == "Ingress":
            (rule,) = one["spec"]["rules"]
            assert rule["host"] == public
            assert one["spec"]["tls"][0]["hosts"] == [public]
            for path in rule["http"]["paths"]:
                led[path["path"]] = name
                assert path["backend"]["service"] == {
                    "name": "trunkline-api",
                    "port": {
                        "name": BY_NAME["Service", "trunkline-api"]["spec"]["ports"][0]["name"]
                    },
                }
    assert all(any(route.startswith(path) for route in PATHS) for path in led)
    assert led["/twilio"] == "trunkline-carrier"
    # What says how the inside is stays inside.
    assert not any("/readyz".startswith(path) for path in led)


def test_the_proxy_lets_through_what_the_api_accepts():
    size = "nginx.ingress.kubernetes.io/proxy-body-size"
    said = {
        name: one["metadata"]["annotations"][size]
        for (kind, name), one in BY_NAME.items()
        if kind == "Ingress"
    }
    units = {"k": 1024, "m": 1024 * 1024}
    held = {name: int(text[:-1]) * units[text[-1]] for name, text in said.items()}
    assert held == {"trunkline-carrier": MAX_CALLBACK, "trunkline": MAX_FILE}


def test_a_worker_has_the_time_to_finish_its_dials_and_never_meets_another_version():
    assert WORKER["terminationGracePeriodSeconds"] > GRACE.total_seconds() + 5
    assert BY_NAME["Deployment", "trunkline-worker"]["spec"]["strategy"] == {"type": "Recreate"}
    assert {"name": "TRUNKLINE_WORKERS", "value": "1"} in WORKER["containers"][0]["env"]


def test_some_of_each_are_left_while_nodes_are_emptied():
    for name in ("trunkline-api", "trunkline-worker"):
        scaled = BY_NAME["HorizontalPodAutoscaler", name]["spec"]
        kept = BY_NAME["PodDisruptionBudget", name]["spec"]["minAvailable"]
        assert scaled["minReplicas"] > kept
        # A number here would undo what the scaler has chosen, with every apply.
        assert "replicas" not in BY_NAME["Deployment", name]["spec"]


def test_pods_speak_with_the_database_temporal_and_the_carrier_only():
    policy = BY_NAME["NetworkPolicy", "trunkline"]["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    outward = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    database = int(CONFIG["TRUNKLINE_DATABASE_URL"].rpartition(":")[2].partition("/")[0])
    temporal = int(CONFIG["TRUNKLINE_TEMPORAL_ADDRESS"].rpartition(":")[2])
    assert outward == {53, database, temporal, 443}
