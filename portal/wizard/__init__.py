"""The step-wizard engine: a procedure is declared, the engine does the rest."""
