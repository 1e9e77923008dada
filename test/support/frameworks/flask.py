# Owns: sending with Python's own library by a function as docs/frameworks.md has it. Arguments are keys and files, in turns; it
# says for each "sent" or what Python said.

import os
import sys
from email.message import EmailMessage

for key, path in zip(sys.argv[1::2], sys.argv[2::2]):
    os.environ["MAILWOK_KEY"] = key
    page = {}
    with open(path) as file:
        exec(file.read(), page)
    message = EmailMessage()
    message["From"] = "Shop <shop@example.com>"
    message["To"] = "you@example.net"
    message["Subject"] = "Grüße ✓"
    message["X-MailWok-Tags"] = "welcome"
    message.set_content("It works.")
    message.add_alternative("<p>It works.</p>", subtype="html")
    try:
        page["deliver"](message)
        print("sent")
    except Exception as error:
        print("error", type(error).__name__, error)
