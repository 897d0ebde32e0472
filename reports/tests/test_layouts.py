"""The part of a page about the structures of a C library, from what real/layouts says of them."""

from pathlib import Path

from sysvet_report.layouts import layouts, undeclared

RIGHT = ["member    msqid_ds.msg_perm.__key  bytes 0 to 3 of 120",
         "member    msqid_ds.msg_qnum  bytes 80 to 87 of 120",
         "member    msqid_ds.__msg_cbytes  bytes 72 to 79 of 120",
         "member    semid_ds.sem_otime  bytes 48 to 55 of 104"]
ITS = ["member    msqid_ds.msg_perm.key  bytes 0 to 3 of 104",
       "member    msqid_ds.msg_cbytes  bytes 88 to 89 of 104",
       "member    semid_ds.sem_otime  bytes 32 to 39 of 88"]
SAID = ["conforms  shmid_ds  13 members, 112 bytes",
        "deviates  msgrcv  is not declared as ssize_t (int, void *, size_t, long, int)",
        "deviates  SHMLBA  is not defined",
        "deviates  msqid_ds.msg_cbytes  bytes 88 to 89 of 104: found 16384; expected 5",
        "deviates  msqid_ds  bytes 72 to 73, of no member in the structure of 104: found 0x05",
        "deviates  msqid_ds  bytes 104 to 119, behind the structure of 104: found 0x00",
        "deviates  msqid_ds  14 members, 104 bytes",
        "deviates  semid_ds.sem_otime  bytes 32 to 39 of 88: found 0; expected 1795295831 to 1795295891"]


def test_functions_are_told_and_nothing_else() -> None:
    assert list(undeclared(SAID)) == [
        "`msgrcv` is not declared as `ssize_t (int, void *, size_t, long, int)` (XSH msgrcv, SYNOPSIS)."]


def test_members_are_listed_that_lie_elsewhere_and_no_numbers_of_the_moment(tmp_path: Path) -> None:
    said, its, right, page = (tmp_path / name for name in ("said", "its", "right", "page"))
    said.write_text("\n".join(SAID))
    its.write_text("\n".join(ITS))
    right.write_text("\n".join(RIGHT))
    assert layouts("a library", str(said), str(its), str(right), "its gcc", str(page)) == 0
    text = page.read_text()
    assert "17952" not in text and "its gcc -o layouts real/layouts/layouts.c" in text
    assert [line for line in text.splitlines() if line.startswith("| `")] == [
        "| `msqid_ds.msg_cbytes` | 88 to 89 | 72 to 79 | MSGH-ds-1 |",
        "| `semid_ds.sem_otime` | 32 to 39 | 48 to 55 | SEMH-ds-1 |"]
