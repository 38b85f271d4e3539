"""Names in languages that are written without spaces: what joins them and what denies them."""

import pytest

from tests.unit.test_grounding import invented


@pytest.mark.parametrize(
    "text",
    [
        "prodのapiを再起動してください。",
        "apiをprodで再起動して",
        "请重启prod环境的api服务",
        "api를 prod에서 재시작해 주세요",
        "รีสตาร์ทapiในprodหน่อย",
    ],
)
def test_particles_are_no_part_of_a_name(text: str) -> None:
    """Japanese, Chinese, Korean and Thai join them to a Latin name at once."""
    assert invented(text, service="api", env="prod") == ()


@pytest.mark.parametrize(
    "text",
    [
        "prodではなくstagingのapiを再起動して",
        "prodじゃありません、apiはstagingです",
        "prod以外のapiを再起動して",
        "非prod的api",
        "api를 prod가 아니라 staging에서",
        "productionのapiを再起動して",
        "preprodのapiを",
    ],
)
def test_what_denies_a_name_there_counts(text: str) -> None:
    """As does what is another name."""
    assert invented(text, service="api", env="prod") == ("env",)
