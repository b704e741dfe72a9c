"""Everything that changes CXone: asked for, carried out, recorded and described."""
