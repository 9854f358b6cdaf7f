using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>A terminal, of 100 columns unless a test says so, that remembers what was written on it; nobody sits at it to answer a prompt, unless a test says what they choose.</summary>
internal sealed class ScreenHost : PSHost
{
    private readonly Screen _screen = new();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Test";

    public override PSHostUserInterface UI => _screen;

    public override Version Version { get; } = new(1, 0);

    public int? Choice
    {
        get => _screen.Choice;
        set => _screen.Choice = value;
    }

    /// <summary>How wide the terminal is.</summary>
    public int Columns
    {
        get => _screen.RawUI.BufferSize.Width;
        set => _screen.RawUI.BufferSize = _screen.RawUI.WindowSize = new(value, _screen.RawUI.WindowSize.Height);
    }

    public string TakeText()
    {
        var text = _screen.Text.ToString();
        _screen.Text.Clear();
        return text;
    }

    public override void EnterNestedPrompt() => throw Nobody();

    public override void ExitNestedPrompt() => throw Nobody();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private static PSInvalidOperationException Nobody() => new("Nobody is there to answer a prompt.");

    private sealed class Screen : PSHostUserInterface
    {
        public StringBuilder Text { get; } = new();

        public int? Choice { get; set; }

        public override PSHostRawUserInterface RawUI { get; } = new RawScreen();

        public override bool SupportsVirtualTerminal => false;

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw Nobody();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => Choice ?? throw Nobody();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw Nobody();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw Nobody();

        public override string ReadLine() => throw Nobody();

        public override SecureString ReadLineAsSecureString() => throw Nobody();

        public override void Write(string value) => Text.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Text.Append(value);

        public override void WriteDebugLine(string message) => Text.Append("DEBUG: ").AppendLine(message);

        public override void WriteErrorLine(string value) => Text.AppendLine(value);

        public override void WriteLine(string value) => Text.AppendLine(value);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteVerboseLine(string message) => Text.Append("VERBOSE: ").AppendLine(message);

        public override void WriteWarningLine(string message) => Text.Append("WARNING: ").AppendLine(message);
    }

    private sealed class RawScreen : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(100, 50);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => BufferSize;

        public override Size MaxWindowSize => BufferSize;

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(100, 50);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => new BufferCell[0, 0];

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw Nobody();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }
    }
}
