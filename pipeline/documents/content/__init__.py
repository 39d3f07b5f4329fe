"""Which blocks of a page are its content: `steps` says how, step by step."""
