"""The version of the project, program and library included: their build reads it here."""
__version__ = "0.1.0"
