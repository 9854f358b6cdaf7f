using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Sessions;

/// <summary>[A] The place in the list after which the next page begins. Opaque on the wire.</summary>
internal sealed record SessionCursor(DateTimeOffset CreatedAt, long Seq)
{
    public static SessionCursor Parse(string text)
    {
        try
        {
            var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('.');
            return new(
                DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture)),
                long.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or IndexOutOfRangeException or ArgumentException)
        {
            throw ApiException.Invalid("'cursor' does not come from a list of sessions.");
        }
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.ToUnixTimeMilliseconds()}.{Seq}")));
}
