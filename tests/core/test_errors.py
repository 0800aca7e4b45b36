import pickle

import pytest

from simulacra import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_survive_the_way_back_from_a_worker(name: str) -> None:
    error = getattr(errors, name)("it is broken", where="file:3", hint="mend it")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error) == "file:3: it is broken. Mend it."


def test_exit_codes() -> None:
    assert (errors.DataError.exit_code, errors.MissingError.exit_code) == (2, 3)
