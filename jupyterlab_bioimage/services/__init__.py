"""Services: what the routes do, without Tornado and without jupyter_server."""
