using System.Text;
using Meshia.Shell;

// Without a byte order mark, whatever the locale says: what is piped on is then the same everywhere.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
// The engine reports usage to its makers unless told not to; a script's run is nobody's business.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

try
{
    var line = CommandLine.Parse(args);
    if (line.Answer is { } answer)
    {
        Console.Out.WriteLine(answer);
        return ExitCode.Success;
    }

    using var run = new ScriptRun(ModuleFolder.FindManifest());
    return run.Invoke(line);
}
catch (StartException exception)
{
    Console.Error.WriteLine(exception.Message);
    return exception.ExitCode;
}
