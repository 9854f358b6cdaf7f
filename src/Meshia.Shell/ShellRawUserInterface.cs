using System.Management.Automation.Host;

namespace Meshia.Shell;

/// <summary>The terminal's size and keys; what needs a screen buffer is not offered.</summary>
internal sealed class ShellRawUserInterface : PSHostRawUserInterface
{
    // Where there is no terminal to ask: wide enough for the module's tables, narrow enough for a log viewer.
    private const int DefaultWidth = 120;
    private const int DefaultHeight = 50;

    private static Size TerminalSize
    {
        get
        {
            if (Console.IsOutputRedirected)
                return new Size(DefaultWidth, DefaultHeight);

            // Pseudo-terminals of build agents may call themselves 0 by 0.
            var (width, height) = (Console.WindowWidth, Console.WindowHeight);
            return new Size(width > 0 ? width : DefaultWidth, height > 0 ? height : DefaultHeight);
        }
    }

    public override Size BufferSize { get => TerminalSize; set => throw NoScreenBuffer(); }

    public override Size WindowSize { get => TerminalSize; set => throw NoScreenBuffer(); }

    public override Size MaxWindowSize => TerminalSize;

    public override Size MaxPhysicalWindowSize => TerminalSize;

    public override Coordinates WindowPosition { get => default; set => throw NoScreenBuffer(); }

    public override Coordinates CursorPosition
    {
        get => Console.IsOutputRedirected ? default : new Coordinates(Console.CursorLeft, Console.CursorTop);
        set => Console.SetCursorPosition(value.X, value.Y);
    }

    public override int CursorSize { get => Console.CursorSize; set => throw NoScreenBuffer(); }

    public override ConsoleColor ForegroundColor { get => Console.ForegroundColor; set => Console.ForegroundColor = value; }

    public override ConsoleColor BackgroundColor { get => Console.BackgroundColor; set => Console.BackgroundColor = value; }

    public override string WindowTitle
    {
        get => "";
        set
        {
            if (!Console.IsOutputRedirected)
                Console.Title = value;
        }
    }

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        var key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, controlKeyState: default, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
            Console.ReadKey(intercept: true);
    }

    /// <summary>East Asian wide and full-width characters take two cells; tables stay aligned with them.</summary>
    public override int LengthInBufferCells(char source) => source switch
    {
        >= '\u1100' and <= '\u115F' or
        >= '\u2E80' and <= '\uA4CF' and not '\u303F' or
        >= '\uAC00' and <= '\uD7A3' or
        >= '\uF900' and <= '\uFAFF' or
        >= '\uFE30' and <= '\uFE6F' or
        >= '\uFF01' and <= '\uFF60' or
        >= '\uFFE0' and <= '\uFFE6' => 2,
        _ => 1,
    };

    public override int LengthInBufferCells(string source) => source.Sum(LengthInBufferCells);

    public override int LengthInBufferCells(string source, int offset) => LengthInBufferCells(source[offset..]);

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NoScreenBuffer();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NoScreenBuffer();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw NoScreenBuffer();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw NoScreenBuffer();

    private static NotSupportedException NoScreenBuffer() => new("Meshia.Shell writes lines: it has no screen buffer.");
}
