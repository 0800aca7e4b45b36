"""Parquet, JSON, Arrow and folders."""

import datetime as dt
import json

import polars as pl
import pytest

from simulacra.data.read import read_table
from simulacra.errors import DataError

FRAME = pl.DataFrame({"a": [1, 2, None], "b": ["x", None, "z"], "d": [dt.date(2020, 1, 1)] * 3, "f": [1.5, None, 2.0]})


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def saved_dataset(folder, frame, shards=1):
    """Write a folder as `datasets.save_to_disk` does: Arrow streams, state.json, dataset_info.json."""
    folder.mkdir(parents=True)
    names = [f"data-{i:05d}-of-{shards:05d}.arrow" for i in range(shards)]
    for i, name in enumerate(names):
        frame.filter(pl.int_range(pl.len()) % shards == i).write_ipc_stream(folder / name)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))
    (folder / "dataset_info.json").write_text("{}")


def test_parquet_and_arrow_keep_their_types(tmp_path):
    FRAME.write_parquet(tmp_path / "t.parquet")
    FRAME.write_ipc(tmp_path / "t.feather")
    FRAME.write_ipc_stream(tmp_path / "t.arrow")
    for name in ("t.parquet", "t.feather", "t.arrow"):
        loaded = read_table(tmp_path / name)
        assert loaded.frame.equals(FRAME)
        assert loaded.frame.schema == FRAME.schema
        assert loaded.notes == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.jsonl", '{"a": 1, "b": "x"}\n\n{"a": 2.5}\n'),
        ("t.json", '[{"a": 1, "b": "x"},\n {"a": 2.5}]'),
        ("t.json", '{"a": 1, "b": "x"}\n{"a": 2.5, "b": null}'),
        ("t.json", '{"a": [1, 2.5], "b": ["x", null]}'),
        ("t.json", '{\n"a": [1, 2.5],\n "b": ["x", null]}'),
        ("t.jsonl", '\ufeff{"a": 1, "b": "x"}\n{"a": 2.5, "c": NaN}\n'),
    ],
)
def test_json(tmp_path, name, text):
    frame = read_table(write(tmp_path / name, text)).frame
    assert frame.select("a", "b").to_dict(as_series=False) == {"a": [1.0, 2.5], "b": ["x", None]}


def test_a_folder_saved_by_datasets(tmp_path):
    saved_dataset(tmp_path / "one", FRAME)
    assert read_table(tmp_path / "one").frame.equals(FRAME)
    saved_dataset(tmp_path / "two", FRAME, shards=2)
    assert read_table(tmp_path / "two").frame.sort("a", nulls_last=True).equals(FRAME)


def test_a_dictionary_of_splits(tmp_path):
    for split in ("train", "test"):
        saved_dataset(tmp_path / "both" / split, FRAME.head(2 if split == "train" else 1))
    (tmp_path / "both" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    loaded = read_table(tmp_path / "both")
    assert (loaded.frame.height, loaded.notes) == (2, ("of the splits train, test 'train' is read",))
    saved_dataset(tmp_path / "single" / "all", FRAME)
    (tmp_path / "single" / "dataset_dict.json").write_text('{"splits": ["all"]}')
    assert read_table(tmp_path / "single").notes == ("the folder has one split, 'all'",)


def test_a_snapshot_of_a_hub(tmp_path):
    (tmp_path / "data").mkdir()
    write(tmp_path / "README.md", "# a card")
    for i in range(2):
        FRAME.write_parquet(tmp_path / "data" / f"train-{i:05d}-of-00002.parquet")
    FRAME.head(1).write_parquet(tmp_path / "data" / "test-00000-of-00001.parquet")
    loaded = read_table(tmp_path)
    assert (loaded.frame.height, loaded.notes) == (6, ("of the splits test, train 'train' is read",))


def test_shards_of_one_table(tmp_path):
    for i in range(3):
        write(tmp_path / f"part{i}.csv", f"a,b\n{i},?\n")
    loaded = read_table(tmp_path)
    assert loaded.frame["a"].to_list() == [0, 1, 2]
    assert "3 files are read as one table: part0.csv to part2.csv" in loaded.notes
    assert "'?' is read as missing in b" in loaded.notes
    write(tmp_path / "part3.csv", "a,b\n1.5,7\n")
    assert read_table(tmp_path).frame.schema == {"a": pl.Float64, "b": pl.Int64}


def folder_of(tmp_path, **files):
    for name, content in files.items():
        write(tmp_path / name.replace("__", "/").replace("_dot_", "."), content)
    return tmp_path


BAD_FILES = [
    ("t.xlsx", "PK", "the suffix '.xlsx' is not known. Known are .csv"),
    ("table", "a\n1\n", "the file has no suffix to tell its format"),
    ("t.parquet", "", "the file is empty"),
    ("t.parquet", "PAR1 but then nonsense", "not a Parquet file, or a broken one"),
    ("t.feather", "ARROW1 but then nonsense", "not a Arrow file, or a broken one"),
    ("t.jsonl", " ", "the file is empty"),
    ("t.json", "[]", "the file holds no rows"),
    ("t.json", '[{"a": 1}, 3]', "element 2 of the array is not an object"),
    ("t.json", '[{"a": 1},\n{"a": }]', "line 2, character 7: not JSON"),
    ("t.json", '{"a": [1], "b": [1, 2]}', "the columns are not equally long: {'a': 1, 'b': 2}"),
    ("t.jsonl", '{"a": 1}\n\n{"a":\n', "line 3, character 6: not JSON"),
    ("t.jsonl", '{"a": 1}\n7\n', "line 2 is not an object"),
    ("t.jsonl", '{"a": 1}\n{"a": "x"}\n', "column 'a' holds values of different types: text and whole numbers"),
    ("t.jsonl", '{"a": {"b": 1}}\n{"a": {"b": 2}}\n', "column 'a' is nested (a struct). A table has one plain value"),
    ("t.jsonl", '{"a": [1, 2]}\n{"a": []}\n', "column 'a' is nested (a list)"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES, ids=[message[:40] for *_, message in BAD_FILES])
def test_files_that_cannot_be_read(tmp_path, name, content, message):
    path = write(tmp_path / name, content)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv: the file does not exist\. Check the path"):
        read_table(tmp_path / "none.csv")


def test_a_file_that_the_system_will_not_give(tmp_path):
    # A file whose place in the path is taken by a file fails for every user; a mode of 000 would not stop root.
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    with pytest.raises(DataError, match=r"loop\.csv: the file cannot be read .* Check its permissions"):
        read_table(loop)


def test_parquet_without_rows_or_columns(tmp_path):
    FRAME.head(0).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="there are columns and not one row"):
        read_table(tmp_path / "t.parquet")
    pl.DataFrame().write_parquet(tmp_path / "n.parquet")
    with pytest.raises(DataError, match="the table has no columns"):
        read_table(tmp_path / "n.parquet")


def test_folders_that_cannot_be_read(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: the folder holds no table\. Give a table file"):
        read_table(tmp_path / "empty")
    broken = tmp_path / "broken"
    saved_dataset(broken, FRAME)
    (broken / "data-00000-of-00001.arrow").unlink()
    with pytest.raises(DataError, match=r"the saved dataset lacks data-00000-of-00001\.arrow"):
        read_table(broken)
    (broken / "state.json").write_text("{}")
    with pytest.raises(DataError, match="the saved dataset names no files"):
        read_table(broken)
    (broken / "state.json").write_text("{")
    with pytest.raises(DataError, match=r"state\.json is not JSON"):
        read_table(broken)
    write(tmp_path / "dict" / "dataset_dict.json", '{"splits": ["train"]}')
    with pytest.raises(DataError, match=r"the saved dataset has no state\.json"):
        read_table(tmp_path / "dict")


def test_folders_that_leave_a_choice(tmp_path):
    splits = folder_of(tmp_path / "splits", test_dot_csv="a\n1\n", dev_dot_csv="a\n1\n")
    with pytest.raises(DataError, match=r"the folder holds several splits: dev, test\. Give the path of one"):
        read_table(splits)
    columns = folder_of(tmp_path / "columns", x_dot_csv="a,b\n1,2\n", y_dot_csv="a,c\n1,2\n")
    with pytest.raises(DataError, match=r"file 2 of 2 has other columns than the first \(b, c\)"):
        read_table(columns)
    types = folder_of(tmp_path / "types", x_dot_csv="a,b\n1,2\n", y_dot_csv="a,b\n1,x\n")
    with pytest.raises(DataError, match="the files hold different types in column 'b': Int64 and String"):
        read_table(types)


def test_a_saved_dataset_cannot_point_outside_its_folder(tmp_path):
    FRAME.write_ipc_stream(tmp_path / "secret.arrow")
    write(tmp_path / "set" / "state.json", '{"_data_files": [{"filename": "../secret.arrow"}]}')
    with pytest.raises(DataError, match=r"lacks secret\.arrow"):
        read_table(tmp_path / "set")
