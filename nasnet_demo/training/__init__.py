"""How the bundled network is made: training, evaluation, calibration."""
