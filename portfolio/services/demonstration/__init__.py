"""The generated city around the real projects: made by sets, told apart by a tag, taken away again."""
