# Owns: sending with the real Mail gem by settings as docs/frameworks.md has them. Arguments are keys and files of settings, in
# turns; it says for each "sent" or what the gem said.

require "mail"

ARGV.each_slice(2) do |key, path|
  ENV["MAILWOK_KEY"] = key
  eval(File.read(path))
  begin
    Mail.deliver do
      from "Shop <shop@example.com>"
      to "you@example.net"
      subject "Grüße ✓"
      header["X-MailWok-Tags"] = "welcome"
      text_part { body "It works." }
      html_part do
        content_type "text/html; charset=UTF-8"
        body "<p>It works.</p>"
      end
    end
    puts "sent"
  rescue StandardError => error
    puts "error #{error.class} #{error.message.lines.first}"
  end
end
