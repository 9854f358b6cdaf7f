using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Meshia.Shell;

/// <summary>What was asked for: a script and its arguments, or a question about the shell itself.</summary>
internal sealed record CommandLine
{
    private const string StandardInput = "-";

    private const string Usage = """
        Runs a PowerShell script with the Meshia module loaded, where no pwsh is installed.

          Meshia.Shell <script.ps1> [script arguments]
          Meshia.Shell - [script arguments]      reads the script from standard input
          Meshia.Shell --help | --version

        Arguments reach the script as with pwsh -File: -Name value, -Switch, -Switch:$false, positional.
        The engine's core commands and those of Meshia are there; Microsoft.PowerShell.Utility and the
        other modules that come with pwsh are not.

          MESHIA_MODULE_PATH    folder of the Meshia module, where it is not the repository's out/Meshia
          NO_COLOR              set it for text without colour
        """;

    /// <summary>The full path of the script; null when its text came from standard input.</summary>
    internal string? ScriptPath { get; private init; }

    internal string ScriptText { get; private init; } = "";

    internal IReadOnlyList<CommandParameter> Arguments { get; private init; } = [];

    /// <summary>The text of <c>--help</c> or <c>--version</c>, where one of them was asked for.</summary>
    internal string? Answer { get; private init; }

    internal static CommandLine Parse(string[] args)
    {
        if (args.Length == 0)
            throw new StartException(ExitCode.Usage, Usage);

        return args[0] switch
        {
            "--help" or "-h" or "-?" => new CommandLine { Answer = Usage },
            "--version" => new CommandLine { Answer = Version },
            StandardInput => new CommandLine { ScriptText = Console.In.ReadToEnd(), Arguments = ParseArguments(args.AsSpan(1)) },
            var path => new CommandLine { ScriptPath = FindScript(path), Arguments = ParseArguments(args.AsSpan(1)) },
        };
    }

    private static string Version =>
        $"Meshia.Shell {VersionOf(typeof(CommandLine).Assembly)} (PowerShell engine {VersionOf(typeof(PSObject).Assembly)})";

    // What follows the plus sign is the commit: of no use to the reader.
    private static string? VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', ' ')[0];

    private static string FindScript(string path)
    {
        var fullPath = Path.GetFullPath(path);
        if (!File.Exists(fullPath))
        {
            throw new StartException(
                ExitCode.Usage,
                $"The argument '{path}' is not recognized as the name of a script file. Check the spelling of the name, " +
                "or if a path was included, verify that the path is correct and try again. See --help.");
        }

        if (!fullPath.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
            throw new StartException(ExitCode.Usage, $"'{path}' does not have a '.ps1' extension. Specify a PowerShell script file. See --help.");

        return fullPath;
    }

    /// <summary>Every value is a string, save <c>-Name:$true</c> and <c>-Name:$false</c>: a switch can be told no.</summary>
    private static List<CommandParameter> ParseArguments(ReadOnlySpan<string> args)
    {
        var parameters = new List<CommandParameter>();
        string? named = null;
        foreach (var arg in args)
        {
            if (named is not null)
            {
                parameters.Add(new CommandParameter(named, arg));
                named = null;
            }
            else if (arg.Length < 2 || !IsDash(arg[0]))
            {
                parameters.Add(new CommandParameter(null, arg));
            }
            else if (arg.IndexOf(':') is var colon && colon < 0)
            {
                parameters.Add(new CommandParameter(arg));
            }
            else if (colon == arg.Length - 1)
            {
                named = arg.TrimEnd(':'); // "-Name:" and its value as the next argument
            }
            else
            {
                var value = arg[(colon + 1)..];
                parameters.Add(new CommandParameter(arg[..colon], bool.TryParse(value.AsSpan(value[0] == '$' ? 1 : 0), out var flag) ? flag : value));
            }
        }

        return parameters;
    }

    // PowerShell takes the typographic dashes for the plain one, since pasted command lines hold them.
    private static bool IsDash(char character) => character is '-' or '\u2013' or '\u2014' or '\u2015';
}
