"""The developers' command: IR text in, IR text out."""

from pathlib import Path

import pytest

from compiler.cli.opt import main


def test_text_without_passes_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.mlir"
    file.write_text("builtin.module {\n}\n")
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == "builtin.module {\n}\n"


def test_text_that_is_no_ir_is_refused_in_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "x.mlir", tmp_path / "y.mlir"
    file.write_text("builtin.module {\n  minic.nope\n}\n")
    assert main([str(file), "-o", str(out)]) == 1
    assert f"{file}:2:3: error[C0140]: Operation minic.nope is not registered" in capsys.readouterr().err
    assert not out.exists()


def test_an_unknown_pass_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--passes", "polish", "x.mlir"])
    assert caught.value.code == 2
    assert "there is no pass `polish`" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "target"), [("kernel-to-piuma", "`piuma`"), ("lower-to-loops", "`cpu` or `rust`")])
def test_a_kernel_without_a_schedule_is_refused(name: str, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = Path(__file__).parents[2] / "examples" / "kernels" / "spgemm.mlir"
    assert main(["--passes", name, str(kernel)]) == 1
    assert f"error[C0611]: the kernel has no schedule for {target}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["kernel-to-piuma", "lower-to-loops"])
def test_a_module_without_a_kernel_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.mlir"
    file.write_text("builtin.module {\n}\n")
    assert main(["--passes", name, str(file)]) == 1
    assert "error[C0601]: this pass lowers one kernel, here are 0" in capsys.readouterr().err
