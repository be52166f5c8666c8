"""Every change of the whole: the report loaded, the demonstration made and removed."""
