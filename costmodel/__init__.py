"""The learned cost model: the text of an IR module in, numbers out."""
