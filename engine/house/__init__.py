"""house: makes the environment a clone needs — Python packages, the web app, a browser, a font, a database for tests.

Standard library only: it runs before anything is installed. Nothing of the engine imports it but the command line.
"""
