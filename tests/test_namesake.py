import pytest

from autograd.namesake import refuse_namesake


def test_an_installed_hips_autograd_is_refused_by_name(tmp_path):
    (tmp_path / "autograd-1.8.0.dist-info").mkdir()
    with pytest.raises(ImportError, match=r"autograd-1\.8\.0\.dist-info \(HIPS autograd\)"):
        refuse_namesake(str(tmp_path))


def test_our_own_folder_is_fine(tmp_path):
    (tmp_path / "chaingrad-0.1.0.dist-info").mkdir()
    refuse_namesake(str(tmp_path))
    refuse_namesake(str(tmp_path / "not-there"))
