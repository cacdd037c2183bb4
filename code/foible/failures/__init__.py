"""One package for each way in which a learned model fails with nobody attacking it."""
