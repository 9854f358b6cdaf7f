using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Meshia.Shell;

/// <summary>Puts the engine's streams on the descriptors on which pwsh puts them: errors on stderr, the rest on stdout.</summary>
internal sealed class ShellHostUserInterface : PSHostUserInterface
{
    // Records come from the pipeline's thread and, from jobs and events, from others.
    private readonly Lock _lock = new();
    private readonly bool _outputIsTerminal = IsTerminal(Console.IsOutputRedirected);
    private readonly bool _errorIsTerminal = IsTerminal(Console.IsErrorRedirected);
    private readonly ProgressLine _progress;
    private readonly ConsolePrompt _prompt;
    private bool _isAtLineStart = true;

    internal ShellHostUserInterface(CancellationToken stop)
    {
        if (Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 })
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        _progress = new ProgressLine(isShown: _errorIsTerminal);
        _prompt = new ConsolePrompt(this, stop);
    }

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    // Either will do: what goes to the other is stripped on its way out.
    public override bool SupportsVirtualTerminal => _outputIsTerminal || _errorIsTerminal;

    /// <summary>Whether objects go to stderr too: the last one may be the error that ended the script.</summary>
    internal bool WritesToStandardError { get; set; }

    public override void Write(string value)
    {
        if (WritesToStandardError)
            WriteTo(Console.Error, _errorIsTerminal, value);
        else
            WriteTo(Console.Out, _outputIsTerminal, value);
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(Coloured(foregroundColor, backgroundColor, value));

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        WriteLine(Coloured(foregroundColor, backgroundColor, value));

    public override void WriteErrorLine(string value) => WriteTo(Console.Error, _errorIsTerminal, value + Environment.NewLine);

    public override void WriteWarningLine(string message) => WriteLine(Styled(FormatStyle.Warning, $"WARNING: {message}"));

    public override void WriteVerboseLine(string message) => WriteLine(Styled(FormatStyle.Verbose, $"VERBOSE: {message}"));

    public override void WriteDebugLine(string message) => WriteLine(Styled(FormatStyle.Debug, $"DEBUG: {message}"));

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_lock)
        {
            if (_isAtLineStart)
                _progress.Show(record, RawUI.WindowSize.Width);
        }
    }

    public override string ReadLine() => _prompt.ReadLine();

    public override System.Security.SecureString ReadLineAsSecureString() => _prompt.ReadSecret();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        _prompt.ForFields(caption, message, descriptions);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        _prompt.ForChoice(caption, message, choices, defaultChoice);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        _prompt.ForCredential(caption, message, userName);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        _prompt.ForCredential(caption, message, userName);

    /// <summary>A question is seen even where the answers' output goes to a file.</summary>
    internal void WriteQuestion(string text)
    {
        if (_outputIsTerminal)
            Write(text);
        else
            WriteTo(Console.Error, _errorIsTerminal, text);
    }

    private void WriteTo(TextWriter writer, bool isTerminal, string text)
    {
        lock (_lock)
        {
            _progress.Clear();
            _isAtLineStart = text.EndsWith('\n');
            writer.Write(GetOutputString(text, isTerminal));
        }
    }

    private static string Styled(FormatStyle style, string text) => GetFormatStyleString(style) + text + GetFormatStyleString(FormatStyle.Reset);

    private static string Coloured(ConsoleColor foreground, ConsoleColor background, string text)
    {
        // A terminal that was not told its colours has them as -1.
        var colours = (Enum.IsDefined(foreground) ? PSStyle.MapForegroundColorToEscapeSequence(foreground) : "")
            + (Enum.IsDefined(background) ? PSStyle.MapBackgroundColorToEscapeSequence(background) : "");
        return colours.Length == 0 ? text : colours + text + PSStyle.Instance.Reset;
    }

    // Consoles on Windows must be asked for escape sequences first; that is pwsh's business, and pwsh is at hand there.
    private static bool IsTerminal(bool isRedirected) =>
        !isRedirected && !OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
}
