# Owns: sending with real ActionMailer by settings as docs/frameworks.md has them. Arguments are keys and files of settings, in
# turns; it says for each "sent" or what ActionMailer said.

require "action_mailer"

KEY = Struct.new(:mailwok_key).new

module Rails
  def self.application = Struct.new(:credentials).new(KEY)
end

Config = Struct.new(:action_mailer)

class Welcome < ActionMailer::Base
  default from: "Shop <shop@example.com>"

  def letter
    headers["X-MailWok-Tags"] = "welcome"
    mail(to: "you@example.net", subject: "Grüße ✓") do |format|
      format.text { render plain: "It works." }
      format.html { render html: "<p>It works.</p>".html_safe }
    end
  end
end

ARGV.each_slice(2) do |key, path|
  KEY.mailwok_key = key
  config = Config.new(ActionMailer::Base)
  eval(File.read(path), binding)
  begin
    Welcome.letter.deliver_now
    puts "sent"
  rescue StandardError => error
    puts "error #{error.class} #{error.message.lines.first}"
  end
end
