// Owns: sending with real Spring and Jakarta Mail by properties as docs/frameworks.md has them: read as Spring Boot reads spring.mail.
// Arguments are keys and files of properties, in turns; it says for each "sent" or what Spring said.

import java.io.FileReader;
import java.util.Properties;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.mail.javamail.MimeMessageHelper;

public class Spring {
  private static final String OURS = "spring.mail.";
  private static final String THEIRS = "spring.mail.properties.";

  public static void main(String[] arguments) throws Exception {
    for (int at = 0; at < arguments.length; at += 2) {
      Properties lines = new Properties();
      lines.load(new FileReader(arguments[at + 1]));
      try {
        send(lines, arguments[at]);
        System.out.println("sent");
      } catch (Exception error) {
        System.out.println("error " + error.toString().replaceAll("[\r\n]+", " "));
      }
    }
  }

  private static void send(Properties lines, String key) throws Exception {
    JavaMailSenderImpl sender = new JavaMailSenderImpl();
    sender.setDefaultEncoding("UTF-8");
    sender.setHost(lines.getProperty(OURS + "host"));
    sender.setPort(Integer.parseInt(lines.getProperty(OURS + "port")));
    sender.setUsername(lines.getProperty(OURS + "username").replace("${MAILWOK_KEY}", key));
    sender.setPassword(lines.getProperty(OURS + "password").replace("${MAILWOK_KEY}", key));
    for (String name : lines.stringPropertyNames()) {
      if (name.startsWith(THEIRS)) {
        sender.getJavaMailProperties().setProperty(name.substring(THEIRS.length()), lines.getProperty(name));
      }
    }
    var message = sender.createMimeMessage();
    MimeMessageHelper helper = new MimeMessageHelper(message, true);
    helper.setFrom("Shop <shop@example.com>");
    helper.setTo("you@example.net");
    helper.setSubject("Grüße ✓");
    helper.setText("It works.", "<p>It works.</p>");
    message.addHeader("X-MailWok-Tags", "welcome");
    sender.send(message);
  }
}
