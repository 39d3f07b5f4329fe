"""Pictures of the sample crawl: photograph-like scenes and objects from noise, and drawn diagrams."""
