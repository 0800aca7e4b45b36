import pytest

from simulacra import registry
from simulacra.errors import RecipeError
from simulacra.testing import check_check, check_generator, check_metric


def test_unknown_name_names_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"no generator called 'tabel'. Did you mean 'table'"):
        registry.find("generator", "tabel")


def test_two_plugins_of_one_name_are_refused() -> None:
    class Other:
        name = "table"

    registry.names("generator")
    with pytest.raises(RecipeError, match="two plug-ins are called 'table'"):
        registry.register("generator")(Other)


def _own(kind: str) -> list[str]:
    """Return the project's own plug-ins: other tests put theirs into the registry too."""
    return [name for name in registry.names(kind) if registry.find(kind, name).__module__.startswith("simulacra.")]


@pytest.mark.parametrize("name", _own("generator"))
def test_generators_keep_the_contract(name: str) -> None:
    check_generator(registry.find("generator", name)())


@pytest.mark.parametrize("name", _own("check"))
def test_checks_keep_the_contract(name: str) -> None:
    check_check(registry.find("check", name))


@pytest.mark.parametrize("name", _own("metric"))
def test_metrics_keep_the_contract(name: str) -> None:
    check_metric(registry.find("metric", name)())
