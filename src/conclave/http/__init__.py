"""What is served over HTTP: the page, its files, health; later the API."""
