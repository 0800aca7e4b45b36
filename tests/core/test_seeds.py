from hypothesis import given
from hypothesis import strategies as st

from simulacra.seeds import Seeds


@given(st.integers(0, 2**63), st.lists(st.text(max_size=5), max_size=3))
def test_a_node_depends_on_its_path_alone(root: int, path: list[str]) -> None:
    stepwise = Seeds(root)
    for name in path:
        stepwise = stepwise.child(name)
    assert stepwise == Seeds(root).child(*path)
    assert stepwise.integer() == Seeds(root).child(*path).integer()


def test_paths_do_not_run_into_each_other() -> None:
    nodes = [
        Seeds(1),
        Seeds(11),
        Seeds(1).child("1"),
        Seeds(1).child("a", "b"),
        Seeds(1).child("ab"),
        Seeds(1).child(""),
    ]
    assert len({node.integer() for node in nodes}) == len(nodes)
