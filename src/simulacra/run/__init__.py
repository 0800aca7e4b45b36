"""When and where the work runs: the road from source to verdict."""
