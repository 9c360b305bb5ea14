"""What a request meets before the page: a name, a door, headers, and the folder of uploads. Nothing of Gradio."""
