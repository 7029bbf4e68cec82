"""HTTP views, websocket commands and panel of the page and the card."""
