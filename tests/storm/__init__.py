"""The storm: M4 in shortened time on the product's own code, with servers killed, and invariants over what is left."""
