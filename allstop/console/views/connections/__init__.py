"""Setup, Connections: how leads come in. One module and one template for each section of the page."""
