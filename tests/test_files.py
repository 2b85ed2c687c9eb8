import errno
import os

import pytest

from pipeline import files
from pipeline.errors import PipelineError


def test_text_is_written_as_it_is(tmp_path):
    with files.atomic(tmp_path / "a.txt") as file:
        file.write("ґанок\r\n\n")
    assert (tmp_path / "a.txt").read_bytes() == "ґанок\r\n\n".encode()


def test_bytes_are_written_as_they_are(tmp_path):
    with files.atomic_bytes(tmp_path / "a.bin") as file:
        file.write(b"\x00\xff")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\xff"


def test_the_old_file_stands_until_the_block_ends(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with files.atomic(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), files.atomic(path) as file:
        file.writelines(["half", str(1 / 0)])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(PipelineError, match=r"nowhere/a\.txt cannot be written: No such file"):
        files.atomic(tmp_path / "nowhere" / "a.txt").__enter__()


def test_a_full_disk_is_named(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(PipelineError, match=r"a\.txt cannot be written: No space left"), files.atomic(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_over_another_file_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError, match="other"), files.atomic(tmp_path / "a.txt"):
        (tmp_path / "other").read_text()


def test_a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own(tmp_path):
    usual, new, old = tmp_path / "usual", tmp_path / "new", tmp_path / "old"
    usual.touch()
    old.touch()
    old.chmod(0o640)
    for path in (new, old):
        with files.atomic(path):
            pass
    assert new.stat().st_mode == usual.stat().st_mode
    assert old.stat().st_mode & 0o777 == 0o640


def test_a_symbolic_link_stays_one(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with files.atomic(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(tmp_path):
    mine, theirs = tmp_path / f"{files.PREFIX}a.txt.1{files.SUFFIX}", tmp_path / ".somebody.else.part"
    torn = tmp_path / f"{files.PREFIX}2{files.SUFFIX}"
    torn.mkdir()
    for path in (mine, theirs, torn / "half"):
        path.write_text("half")
    assert files.leftovers(tmp_path) == [torn, mine]
    with files.atomic(tmp_path / "b.txt"):
        assert files.leftovers(tmp_path) == []
        files.sweep(tmp_path)
        assert len(list(tmp_path.iterdir())) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [".somebody.else.part", "b.txt"]


def test_a_scratch_folder_goes_with_its_block_and_takes_leftovers_along(tmp_path):
    (tmp_path / f"{files.PREFIX}1{files.SUFFIX}").mkdir()
    with files.scratch(tmp_path) as folder:
        (folder / "half").write_text("half")
        files.sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_opened_by_its_name(tmp_path):
    like, made = tmp_path / "like", tmp_path / "made"
    like.touch()
    like.chmod(0o640)
    with files.atomic_path(made, like=like) as part:
        part.write_text("whole")
        assert not made.exists()
    assert (made.read_text(), made.stat().st_mode & 0o777) == ("whole", 0o640)
