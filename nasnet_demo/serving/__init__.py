"""What a request passes before the page: host names, a door, headers and the folder of uploads. Nothing of Gradio."""
