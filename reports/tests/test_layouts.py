"""The page of a C library, from what real/layouts says of it."""

from pathlib import Path

from sysvet_report.layouts import layouts, places, wrongs

RIGHT = ["member    msqid_ds.msg_qnum  bytes 80 to 87 of 120",
         "member    msqid_ds.__msg_cbytes  bytes 72 to 79 of 120",
         "member    semid_ds.sem_otime  bytes 48 to 55 of 104"]
SAID = ["conforms  shmid_ds  13 members, 112 bytes",
        "deviates  msgrcv  is not declared as ssize_t (int, void *, size_t, long, int)",
        "deviates  msqid_ds.msg_cbytes  bytes 88 to 89 of 104: found 16384; expected 5",
        "deviates  msqid_ds  bytes 72 to 73, of no member in the structure of 104: found 0x05",
        "deviates  msqid_ds  bytes 104 to 119, behind the structure of 104: found 0x00",
        "deviates  msqid_ds  14 members, 104 bytes",
        "deviates  semid_ds.sem_otime  bytes 32 to 39 of 88: found 0; expected 1795295831 to 1795295891"]


def test_each_wrong_thing_is_said_once() -> None:
    assert [wrong.sentence.split(":")[0] for wrong in wrongs(SAID, places(RIGHT))] == [
        "struct msqid_ds has 104 bytes, and the kernel stores 120",
        "`msg_cbytes` of struct msqid_ds is looked for in bytes 88 to 89; "
        "the kernel stores it in bytes 72 to 79.",
        "`sem_otime` of struct semid_ds is looked for in bytes 32 to 39; "
        "the kernel stores it in bytes 48 to 55.",
        "`msgrcv` is not declared as `ssize_t (int, void *, size_t, long, int)`."]


def test_the_page_is_the_same_whenever_it_is_written(tmp_path: Path) -> None:
    said, right, page = tmp_path / "said", tmp_path / "right", tmp_path / "page"
    said.write_text("\n".join(SAID))
    right.write_text("\n".join(RIGHT))
    assert layouts("a library", str(said), str(right), "its gcc", "", str(page)) == 0
    text = page.read_text()
    assert "4 things" in " ".join(text.split()) and "17952" not in text
    assert "its gcc -o layouts real/layouts/layouts.c" in text and text.count("* clause: MSGH-ds-1") == 2
