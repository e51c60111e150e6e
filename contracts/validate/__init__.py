"""`contracts validate`: whether an OpenAPI document, and what stands beside it, is sound."""
