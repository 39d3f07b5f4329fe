"""URL or archive record to image: fetching, decoding, measuring, and the rules on single images. No Beam, no torch."""
