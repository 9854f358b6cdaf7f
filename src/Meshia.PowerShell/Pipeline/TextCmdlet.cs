using System.Management.Automation;
using System.Management.Automation.Host;

namespace Meshia.PowerShell;

#pragma warning disable RS0030 // The one place where texts reach PowerShell's streams; each is a DisplayText.

/// <summary>
/// A cmdlet whose messages are <see cref="DisplayText"/>: an interpolated string passes the one gate for text from outside.
/// PowerShell's own methods, which take any string, are banned (BannedSymbols.txt), and so are the records of its streams,
/// which <see cref="StreamRecord"/> makes.
/// </summary>
public abstract class TextCmdlet : PSCmdlet
{
    private protected void WriteWarning(DisplayText text) => base.WriteWarning(text);

    private protected void WriteVerbose(DisplayText text) => base.WriteVerbose(text);

    private protected void WriteDebug(DisplayText text) => base.WriteDebug(text);

    /// <summary>Warns past the streams, for a pipeline that is being stopped.</summary>
    private protected void WarnDirectly(DisplayText text) => Host?.UI?.WriteWarningLine(text);

    private protected bool ShouldProcess(DisplayText target, DisplayText action) => base.ShouldProcess(target, action);

    /// <summary>Says something on the host itself: once a pipeline is stopped, its streams take nothing any more.</summary>
    private protected static void WarnHost(PSHost? host, DisplayText text)
    {
        try
        {
            host?.UI?.WriteWarningLine(text);
        }
        catch (Exception failure) when (failure is NotImplementedException or HostException or InvalidOperationException)
        {
            // A host without output.
        }
    }
}
