using System.Collections;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Meshia.Shell;

/// <summary>Questions to whoever sits at the terminal. Where nobody does, they fail at once instead of waiting for ever.</summary>
internal sealed class ConsolePrompt(ShellHostUserInterface ui, CancellationToken stop)
{
    internal string ReadLine()
    {
        RefuseUnlessInteractive();
        return Read(Console.In.ReadLine) ?? throw NotInteractive();
    }

    internal SecureString ReadSecret()
    {
        RefuseUnlessInteractive();
        var secret = new SecureString();
        while (Read(() => Console.ReadKey(intercept: true)) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key is ConsoleKey.Backspace && secret.Length > 0)
            {
                secret.RemoveAt(secret.Length - 1);
                ui.WriteQuestion("\b \b");
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.AppendChar(key.KeyChar);
                ui.WriteQuestion("*");
            }
        }

        ui.WriteQuestion(Environment.NewLine);
        secret.MakeReadOnly();
        return secret;
    }

    internal Dictionary<string, PSObject> ForFields(string caption, string message, Collection<FieldDescription> fields)
    {
        RefuseUnlessInteractive();
        Introduce(caption, message);
        return fields.ToDictionary(field => field.Name, field => PSObject.AsPSObject(ForField(field)));
    }

    internal int ForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RefuseUnlessInteractive();
        Introduce(caption, message);
        var keys = choices.Select(KeyOf).ToList();
        var names = choices.Select(choice => choice.Label.Replace("&", "", StringComparison.Ordinal)).ToList();
        var question = string.Concat(keys.Zip(names, (key, name) => $"[{key}] {name}  ")) + "[?] Help"
            + (defaultChoice >= 0 ? $" (default is \"{keys[defaultChoice]}\"): " : ": ");

        while (true)
        {
            ui.WriteQuestion(question);
            var answer = ReadLine().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;

            if (answer == "?")
            {
                for (var i = 0; i < choices.Count; i++)
                    ui.WriteQuestion($"{keys[i]} - {choices[i].HelpMessage}{Environment.NewLine}");
                continue;
            }

            var chosen = names.FindIndex(name => name.Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (chosen < 0)
                chosen = keys.FindIndex(key => key.Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
                return chosen;
        }
    }

    internal PSCredential ForCredential(string caption, string message, string userName)
    {
        RefuseUnlessInteractive();
        Introduce(caption, message);
        while (string.IsNullOrEmpty(userName))
        {
            ui.WriteQuestion("User: ");
            userName = ReadLine();
        }

        ui.WriteQuestion($"Password for user {userName}: ");
        return new PSCredential(userName, ReadSecret());
    }

    private object ForField(FieldDescription field)
    {
        // The engine names types in full, or as PowerShell does.
        var type = LanguagePrimitives.TryConvertTo<Type>(field.ParameterAssemblyFullName, out var resolved) ? resolved : typeof(string);
        if (type == typeof(PSCredential))
            return ForCredential("", field.Name, "");

        if (type == typeof(SecureString))
        {
            ui.WriteQuestion($"{field.Name}: ");
            return ReadSecret();
        }

        if (!typeof(IList).IsAssignableFrom(type))
        {
            ui.WriteQuestion($"{field.Name}: ");
            return ReadLine();
        }

        var items = new List<string>();
        while (true)
        {
            ui.WriteQuestion(string.Create(CultureInfo.InvariantCulture, $"{field.Name}[{items.Count}]: "));
            if (ReadLine() is not { Length: > 0 } item)
                return items.ToArray();
            items.Add(item);
        }
    }

    private void Introduce(string caption, string message)
    {
        if (!string.IsNullOrEmpty(caption))
            ui.WriteQuestion(Environment.NewLine + caption + Environment.NewLine);
        if (!string.IsNullOrEmpty(message))
            ui.WriteQuestion(message + Environment.NewLine);
    }

    // A terminal's read cannot be called off: on Ctrl+C it is left behind, on a thread that does not hold the process.
    private T Read<T>(Func<T> read)
    {
        try
        {
            return Task.Run(read, stop).WaitAsync(stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private static void RefuseUnlessInteractive()
    {
        if (Console.IsInputRedirected)
            throw NotInteractive();
    }

    // In pwsh's words, since scripts and people look for them.
    private static PSInvalidOperationException NotInteractive() =>
        new("PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.");

    private static string KeyOf(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label[mark + 1].ToString().ToUpperInvariant() : choice.Label;
    }
}
